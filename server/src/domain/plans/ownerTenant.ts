/** The account of whoever runs this installation. */
export const ownerTenant = "owner";
