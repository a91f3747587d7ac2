/** How long a lease lasts, in seconds. A machine without a definition may wait for one at iPXE's screen, and iPXE never renews: in less
 * than 10 minutes its address would be given to the next while it waits. Longer leases keep strangers that have gone in the list, and
 * others without an address. dnsmasq's least is 2 minutes. */
export const leaseSeconds = { defined: 3600, others: 600 };
