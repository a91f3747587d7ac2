/** Of every lease. One that waits for its definition at iPXE's screen never renews its lease, so that it must be long; what strangers
 * cannot take up is not a matter of time, but of the range's division (config/container/decide/dhcp-ranges.ts). */
export const leaseSeconds = 3600;
