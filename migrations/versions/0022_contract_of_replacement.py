"""A replacement's contract is one of the database: a foreign key, which the first form of the table couldn't have

What points to no contract of the engagement is emptied before: the gate called it "not known", as it calls an empty one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

KEY, INDEX = "fk_replacement_contract_id", "ix_replacement_contract_id"
replacement = sa.table(
    "replacement", sa.column("contract_id", sa.Integer), sa.column("engagement_id", sa.Integer)
)
contract = sa.table("contract", sa.column("id", sa.Integer), sa.column("engagement_id", sa.Integer))


def upgrade() -> None:
    its_own = sa.and_(
        contract.c.id == replacement.c.contract_id,
        contract.c.engagement_id == replacement.c.engagement_id,
    )
    op.execute(
        replacement.update()
        .where(replacement.c.contract_id.is_not(None), ~sa.exists().where(its_own))
        .values(contract_id=None)
    )
    with op.batch_alter_table("replacement") as batch:
        batch.create_foreign_key(KEY, "contract", ["contract_id"], ["id"])
        batch.create_index(INDEX, ["contract_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("replacement") as batch:
        batch.drop_index(INDEX)
        batch.drop_constraint(KEY, type_="foreignkey")
