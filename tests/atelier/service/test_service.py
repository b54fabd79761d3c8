from atelier.service import service
from pipelines.lifecycle.families import FAMILIES

NOT_SERVED: dict[str, str] = {}
"""Family → why the service has no endpoint for it."""


def test_every_family_is_served_or_says_why_not() -> None:
    assert service.FAMILIES.keys() | NOT_SERVED.keys() == set(FAMILIES)
    assert not service.FAMILIES.keys() & NOT_SERVED.keys()


def test_every_endpoint_is_part_of_the_service() -> None:
    routes = {api.route for api in service.Atelier.apis.values()}
    assert routes >= {"/classify_drawing", "/generate_drawing", "/duel", "/stylize", "/stylize_with"}
    assert len(routes) == len(service.ENDPOINTS)
