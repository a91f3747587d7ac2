/** The swap space that a file of settings names; undefined for none, and for what the program finds out by itself.
 * @see initramfs-tools(7): RESUME */
export function resumeDevice(text: string): string | undefined {
  const value = /^\s*RESUME=["']?([^"'\s#]+)/m.exec(text)?.[1];
  return value === undefined || ['none', 'auto'].includes(value) ? undefined : value;
}
