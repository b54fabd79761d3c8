import pytest

from pipelines.retrain.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--env", "tets"], "Did you mean test"),
        (["--families", "fast_style,fast_stile"], "no family 'fast_stile'. Did you mean fast_style"),
    ],
)
def test_a_mistyped_name_is_an_error_that_names_the_nearest_one(arguments, message, capsys):
    with pytest.raises(SystemExit) as error:
        main(arguments)
    assert error.value.code == 2
    assert message in capsys.readouterr().err
