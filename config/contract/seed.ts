/** The four documents of a cloud-init seed, by the names that cloud-init asks for.
 * @see https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html */
export const seedNames = ['meta-data', 'user-data', 'network-config', 'vendor-data'] as const;
export type SeedName = (typeof seedNames)[number];
