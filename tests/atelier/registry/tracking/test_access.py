import base64
import socket

import pytest
from mlflow.exceptions import MlflowException, RestException

from atelier.errors import AtelierError
from atelier.registry.tracking.access import check_answers, explain
from atelier.registry.tracking.address import login
from tests.helpers.logins import no_login as no_login
from tests.helpers.mlflow_server import PASSWORD, QUOTED, SmallServer, certificate

BASIC = "Basic " + base64.b64encode(f"ann:{PASSWORD}".encode()).decode()


@pytest.fixture
def server():
    server = SmallServer()
    yield server
    server.close()


@pytest.fixture
def files(tmp_path):
    return certificate(tmp_path)


@pytest.fixture
def secure_server(files):
    server = SmallServer(files)
    yield server
    server.close()


def failure(uri):
    with pytest.raises(AtelierError) as caught:
        check_answers(uri)
    return str(caught.value)


def test_the_login_of_the_address_and_its_path_are_used(environment, server):
    check_answers(login(f"http://ann:{QUOTED}@{server.place}/mlflow/"))
    assert server.requests == [("/mlflow/api/2.0/mlflow/experiments/search", BASIC)]


def test_the_login_of_the_environment_is_used(environment, server):
    environment["MLFLOW_TRACKING_USERNAME"], environment["MLFLOW_TRACKING_PASSWORD"] = (
        "ann",
        PASSWORD,
    )  # pragma: allowlist secret
    check_answers(f"http://{server.place}")
    assert server.requests[0][1] == BASIC


def test_a_token_is_used(environment, server):
    environment["MLFLOW_TRACKING_TOKEN"] = "of a test"
    check_answers(f"http://{server.place}")
    assert server.requests[0][1] == "Bearer of a test"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, "You are not authenticated.", "demands a login.*MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"),
        (403, "{}", "does not allow its use.*permission"),
        (404, "<html>", "not as an MLflow server.*Is a path missing in MLFLOW_TRACKING_URI"),
        (200, "<html>Please log in</html>", "not as an MLflow server"),
        (503, "", "answers with an error .HTTP 503"),
    ],
)
def test_a_refusal_is_a_sentence(environment, server, status, body, words):
    server.status, server.body = status, body
    with pytest.raises(AtelierError, match=words) as caught:
        check_answers(login(f"http://ann:{QUOTED}@{server.place}"))
    assert PASSWORD not in str(caught.value)
    assert QUOTED not in str(caught.value)
    assert len(server.requests) == 1, "MLflow repeats a request for minutes"


def test_a_certificate_that_is_not_trusted_is_a_sentence(environment, secure_server):
    message = failure(login(f"https://ann:{QUOTED}@{secure_server.place}"))
    assert "is not trusted" in message
    assert "MLFLOW_TRACKING_SERVER_CERT_PATH" in message
    assert secure_server.requests == []


def test_a_certificate_that_the_user_names_is_trusted(environment, secure_server, files):
    environment["MLFLOW_TRACKING_SERVER_CERT_PATH"] = str(files[0])
    check_answers(f"https://{secure_server.place}")
    assert len(secure_server.requests) == 1


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_certificates_are_not_checked_where_the_user_says_so(environment, secure_server):
    environment["MLFLOW_TRACKING_INSECURE_TLS"] = "true"
    check_answers(f"https://{secure_server.place}")
    assert len(secure_server.requests) == 1


def test_a_certificate_file_that_does_not_exist_is_a_sentence(environment, secure_server, tmp_path):
    environment["MLFLOW_TRACKING_SERVER_CERT_PATH"] = str(tmp_path / "no.pem")
    assert str(tmp_path / "no.pem") in failure(f"https://{secure_server.place}")


def test_a_server_that_does_not_answer_is_an_error_at_once(environment):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    message = failure(login(f"http://ann:{QUOTED}@127.0.0.1:{port}"))
    assert message.startswith(f"No MLflow server answers at http://127.0.0.1:{port} (")
    assert "Connection refused" in message


@pytest.mark.parametrize("uri", ["sqlite:///none.db", "postgresql://host/runs", "databricks"])
def test_only_servers_are_asked(uri):
    check_answers(uri)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MlflowException("API request to http://host/api failed with exception x"), "stopped answering"),
        (MlflowException("API request to http://host/api failed with timeout exception x"), "stopped answering"),
        (MlflowException("API request to endpoint /a failed with error code 401 != 200"), "refused the login"),
        (RestException({"error_code": "PERMISSION_DENIED", "message": "Permission denied"}), "does not allow this"),
        (MlflowException("anything else"), None),
        (RuntimeError("API request to http://host/api failed with exception x"), None),
    ],
)
def test_errors_in_the_middle_of_a_run_are_sentences_where_a_user_can_act(error, words):
    message = explain(error)
    assert message is None if words is None else words in message
