"""Greenroom on one machine: PostgreSQL and Valkey out of wheels, and the product's processes beside them.

`python -m config.local serve` is script/server; `… run` lends the two servers to a command: script/test.

    __main__           the command line
    serve              the whole product, until Ctrl-C
    run                the two servers, for as long as a command takes
    state, urls        the folder where everything of one Greenroom lies, and where its servers answer
    locks              who uses that folder; the last to leave stops all
    postgres, valkey   the two servers
    product            web, worker and beat, and what makes a fresh Greenroom ready for them
    programs, child    a command, and the file that becomes it after recording which process it is
    supervise          supervisord, which keeps all of them up
    lifeline           ends supervisord when nobody is left who uses it, whichever way they went
"""
