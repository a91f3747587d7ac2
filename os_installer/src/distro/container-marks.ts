/** What makes systemd take a machine for a container, and so leave out what a machine needs: it mounts no disks, starts no udev, and looks for
 * no new kernel. Docker and Podman leave them in what they export.
 * @see systemd, src/basic/virt.c: detect_container; systemd.unit(5): ConditionVirtualization */
export const containerMarks = [
  '.dockerenv',
  'run/.containerenv',
  'run/host/container-manager',
  'run/systemd/container',
];
