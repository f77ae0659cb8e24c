"""Two mentions of one human are one principal, whatever they are named by; contradictions are errors."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.access import AmbiguousPrincipalError, Identity, Principal, Principals
from tenantry.access.principals import By
from tenantry.spelling import folded_upn

ADA = "ada@contoso.com"
ID = "3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01"
OTHER_ID = "91d5f0b7-6f4b-4b59-8f0c-6e0a7c1d2f02"
URN = "urn:pulumi:dev::tenantry::azuread:index/user:User::us-ada"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("ADA@Contoso.COM", id="case"),
        pytest.param("\uff21\uff44\uff41@contoso.com", id="full-width letters"),
        pytest.param("ada@contoso.com", id="as it is"),
    ],
)
def test_a_upn_is_folded_as_entra_folds_it(written: str) -> None:
    assert folded_upn(written) == ADA
    assert Principals([Identity(upn=ADA)]).resolve(upn=written) == Principal(By.UPN, ADA)


def test_composed_and_decomposed_letters_are_one_upn() -> None:
    assert folded_upn("Jose\u0301@contoso.com") == folded_upn("jos\u00e9@contoso.com")


def test_every_name_of_a_principal_resolves_to_the_best_one() -> None:
    principals = Principals([Identity(ADA, ID, URN)])
    best = Principal(By.UPN, ADA)
    assert (
        principals.resolve(upn=ADA) == principals.resolve(object_id=ID.upper()) == principals.resolve(urn=URN) == best
    )
    assert str(best) == ADA


def test_without_a_upn_the_object_id_comes_before_the_resource() -> None:
    principals = Principals([Identity(object_id=ID, urn=URN)])
    assert principals.resolve(urn=URN) == Principal(By.OBJECT_ID, ID)
    assert str(principals.resolve(urn=URN)) == f"the object id {ID}"


def test_a_resource_is_named_by_its_own_name() -> None:
    assert str(Principals().resolve(urn=URN)) == "the resource us-ada"


def test_an_unknown_name_stands_for_itself() -> None:
    assert Principals().resolve(object_id=ID.upper()) == Principal(By.OBJECT_ID, ID)


def test_a_mention_without_any_name_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a UPN"):
        Principals().resolve()


@pytest.mark.parametrize(
    ("known", "contradiction", "named"),
    [
        (Identity(ADA, ID), Identity("bruno@contoso.com", ID), ID),
        (Identity(ADA, ID), Identity(ADA, OTHER_ID), ADA),
        (Identity(ADA, urn=URN), Identity("bruno@contoso.com", urn=URN), "us-ada"),
        (Identity(object_id=ID, urn=URN), Identity(object_id=OTHER_ID, urn=URN), "us-ada"),
    ],
    ids=["one id, two UPNs", "one UPN, two ids", "one resource, two UPNs", "one resource, two ids"],
)
def test_a_contradiction_is_an_error_that_names_both_and_teaches_nothing(
    known: Identity, contradiction: Identity, named: str
) -> None:
    principals = Principals([known])
    before = principals.resolve(upn=known.upn, object_id=known.object_id, urn=known.urn)
    with pytest.raises(AmbiguousPrincipalError, match="stands for both") as caught:
        principals.add(contradiction)
    assert named in str(caught.value)
    assert principals.resolve(upn=known.upn, object_id=known.object_id, urn=known.urn) == before
    for name in contradiction.names():
        known_names = set(known.names())
        expected = before if name in known_names else name
        assert principals.resolve(**{_KEYWORD[name.by]: name.value}) == expected


_KEYWORD = {By.UPN: "upn", By.OBJECT_ID: "object_id", By.URN: "urn"}


@pytest.mark.parametrize("mentioned", [*permutations([Identity(object_id=ID, urn=URN), Identity(upn=ADA, urn=URN)])])
def test_what_two_mentions_share_makes_all_their_names_one(mentioned: tuple[Identity, ...]) -> None:
    assert Principals(mentioned).resolve(object_id=ID) == Principal(By.UPN, ADA)


@st.composite
def mentions(draw: st.DrawFn) -> tuple[list[Identity], list[Identity]]:
    """Some people, each with one UPN, object id and resource, and mentions of parts of them in any order."""
    people = [Identity(f"p{n}@contoso.com", f"id-{n}", f"urn-{n}") for n in range(draw(st.integers(1, 4)))]
    parts = st.sets(st.sampled_from(["upn", "object_id", "urn"]), min_size=1)

    def part(person: Identity, names: set[str]) -> Identity:
        return Identity(**{name: getattr(person, name) for name in names})

    some = [part(draw(st.sampled_from(people)), draw(parts)) for _ in range(draw(st.integers(0, 12)))]
    return people, some


@given(mentions(), st.randoms())
def test_consistent_mentions_never_contradict_and_their_order_does_not_matter(
    drawn: tuple[list[Identity], list[Identity]], random: object
) -> None:
    people, some = drawn
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = Principals(some), Principals(shuffled)
    for person in people:
        for name in person.names():
            found = one.resolve(**{_KEYWORD[name.by]: name.value})
            assert found == other.resolve(**{_KEYWORD[name.by]: name.value})
            assert found in set(person.names()), "nobody becomes somebody else"


@given(mentions())
def test_with_all_names_known_every_mention_is_the_persons_upn(
    drawn: tuple[list[Identity], list[Identity]],
) -> None:
    people, some = drawn
    principals = Principals([*some, *people])
    for person in people:
        for name in person.names():
            assert principals.resolve(**{_KEYWORD[name.by]: name.value}) == Principal(By.UPN, person.upn or "")
