"""The formats that questions come and go in. docs/formats.md says of each what is lost."""

from questionbank.formats import csv_table, gift, moodle, pack_file, xlsx_table
from questionbank.formats.common import Format

FORMATS: dict[str, Format] = {
    format_.name: format_
    for format_ in (
        Format("pack", "Pack (YAML)", (".yaml", ".yml"), "application/yaml", pack_file.read, pack_file.write_yaml),
        Format("pack-json", "Pack (JSON)", (".json",), "application/json", pack_file.read, pack_file.write_json),
        Format(
            "csv",
            "CSV",
            (".csv", ".tsv", ".txt"),
            "text/csv; charset=utf-8",
            csv_table.read,
            csv_table.write,
            csv_table.peek,
            csv_table.template,
        ),
        Format(
            "xlsx",
            "Excel (XLSX)",
            (".xlsx",),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx_table.read,
            xlsx_table.write,
            xlsx_table.peek,
            xlsx_table.template,
        ),
        Format("moodle", "Moodle XML", (".xml",), "application/xml", moodle.read, moodle.write),
        Format("gift", "GIFT", (".gift", ".txt"), "text/plain; charset=utf-8", gift.read, gift.write),
    )
}
