"""A Microsoft partner tenant as code: one stack is one tenant.

    the declaration   partners/<partner>/partner.yaml and tenants/<tenant>.yaml
    the stack         Pulumi.<stack>.yaml, which names the tenant and keeps the secret behind the passwords
    the components    components/: users, agent groups, directory roles
    the rules         policies/, run with `--policy-pack policies`

Deliberately absent: hosts, ports and credentials, which the provider takes from the environment (ARM_*), and
everything that only Partner Center can do, which is exported as a to-do.
"""

import pulumi

from components import PartnerTenant, PartnerTenantArgs
from components.configuration import declared_tenant, password_secret
from tenantry.memory import collect_seldom

collect_seldom()
stack = declared_tenant()
tenant = PartnerTenant(stack.tenant_name, PartnerTenantArgs(stack.tenant, password_secret()))

pulumi.export("who_has_what", tenant.who_has_what)
pulumi.export("to_do", tenant.to_do)
pulumi.export("temporary_passwords", tenant.temporary_passwords)
if stack.tenant.customers:
    pulumi.export("customers", tenant.customers)
