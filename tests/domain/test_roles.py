"""Who may do what, as a table."""

from glossary.domain.roles import ROLE_ACTIONS, Action, Role, actions_of


def test_every_role_sees_the_desk_and_every_action_belongs_to_somebody():
    assert set(ROLE_ACTIONS) == set(Role)
    assert all(Action.READ_DESK in actions for actions in ROLE_ACTIONS.values())
    assert frozenset().union(*ROLE_ACTIONS.values()) == frozenset(Action)


def test_no_role_both_writes_and_checks_or_checks_and_publishes():
    for one, other in ((Action.WRITE, Action.CHECK), (Action.CHECK, Action.PUBLISH), (Action.WRITE, Action.PUBLISH)):
        assert not any({one, other} <= actions for actions in ROLE_ACTIONS.values())


def test_roles_add_up_and_nobody_without_one_may_do_anything():
    assert actions_of(frozenset()) == frozenset()
    both = actions_of(frozenset({Role.EDITOR, Role.CHECKER}))
    assert {Action.WRITE, Action.CHECK} <= both and Action.PUBLISH not in both
    assert actions_of(frozenset(), superuser=True) == frozenset(Action)
