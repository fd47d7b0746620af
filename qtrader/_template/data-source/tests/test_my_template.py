from datetime import date

from qtrader.testing import DataSourceConformance
from qtrader_kind_my_template.my_template import MyTemplateSource


class TestMyTemplate(DataSourceConformance):
    tool = MyTemplateSource(days=9)

    def test_the_second_day_is_one_lower(self) -> None:
        table = self.tool.bars("AAA", "1d", date(2024, 1, 1), date(2024, 1, 2)).read_all()

        assert table.column("close").to_pylist() == [120, 119]
