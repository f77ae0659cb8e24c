// Contoso's partner tenant of the United Kingdom: who works there, and with which Partner Center roles.

import * as pulumi from "@pulumi/pulumi";
import * as tenantry from "@pulumi/tenantry";

const domain = "contoso-partner-uk.onmicrosoft.com";

// An account for the day on which nobody else can sign in.
const emergencyAccount = (number: number): tenantry.types.input.PersonArgs => ({
    fullName: `Emergency access ${number}`,
    upn: `rescue-${number}@${domain}`,
    roles: ["Global admin"],
    emergency: true,
});

const tenant = new tenantry.PartnerTenant("uk", {
    passwordSecret: new pulumi.Config().requireSecret("passwordSecret"),
    tenant: {
        id: "b2a7d9c4-1e08-4b6f-a7d3-9c5e0f21d720",
        name: "Contoso Partner (UK)",
        country: "GB",
        purpose: ["partner"],
        serves: ["GB"],
        programs: { CSP: { enrolledOn: "2025-06-02", locationId: "5120391" } },
        domains: { initial: domain },
        mode: "authoritative",
        people: {
            ada: {
                fullName: "Ada Nakamura",
                upn: `ada.nakamura@${domain}`,
                email: "ada.nakamura@contoso.com",
                roles: ["Global admin"],
                companyRoles: ["Account admin"],
                // She enrolled the tenant: her account and her role were there before this program.
                adopted: "91d5f0b7-6f4b-4b59-8f0c-6e0a7c1d2f02",
                pins: {
                    roleAssignments: {
                        "Global Administrator": "lAPpYvVpN0KRkAEhdxReELfw1ZFLb1lLjwxuCnwdLwI-1",
                    },
                },
            },
            jonas: {
                fullName: "Jonas Whitfield",
                upn: `jonas.whitfield@${domain}`,
                email: "jonas.whitfield@contoso.com",
                roles: ["Global admin"],
            },
            kavya: {
                fullName: "Kavya Rao",
                upn: `kavya.rao@${domain}`,
                email: "kavya.rao@contoso.com",
                roles: ["Admin agent"],
            },
            "rescue-1": emergencyAccount(1),
            "rescue-2": emergencyAccount(2),
        },
    },
});

export const whoHasWhat = tenant.whoHasWhat;
export const toDo = tenant.toDo;
