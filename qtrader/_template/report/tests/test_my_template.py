from pathlib import Path

from qtrader.testing import ReportConformance
from qtrader_kind_my_template.my_template import MyTemplateReport


class TestMyTemplate(ReportConformance):
    tool = MyTemplateReport()

    def test_it_counts_the_trades(self, tmp_path: Path) -> None:
        (page,) = self.tool.write(self.result(), tmp_path)

        assert "trades 2" in page.read_text().splitlines()
