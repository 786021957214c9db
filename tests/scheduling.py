"""Which of pytest's processes takes which file."""

from xdist.scheduler.loadfile import LoadFileScheduling
from xdist.workermanage import WorkerController

OF_THE_PRODUCT = ("tests/browser/", "tests/faults/")
PRODUCTS = 2


class ProductScheduling(LoadFileScheduling):
    """File by file, and the tests of the whole product go to two of the processes, before all others.

    Each process that takes one starts a product of its own, for more than half a minute of a core, and the longest
    files are among them.
    """

    def _assign_work_unit(self, node: WorkerController) -> None:
        has_product = node in self.nodes[:PRODUCTS]
        fitting = (file for file in self.workqueue if file.startswith(OF_THE_PRODUCT) == has_product)
        file = next(fitting, None)
        if file is not None:
            self.workqueue.move_to_end(file, last=False)
        super()._assign_work_unit(node)
