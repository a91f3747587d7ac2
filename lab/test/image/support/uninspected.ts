import type { TestStack } from './stack.ts';
import { superviseService } from './supervisorctl.ts';

/** Stops image-inspector and forgets what it has found, as its own user: root has no right to another user's files here. */
export async function forgetInspected(container: Pick<TestStack, 'exec'>): Promise<void> {
  await superviseService(container, 'stop', 'image-inspector');
  const asInspector = ['setpriv', '--reuid=pxeboot', '--regid=pxeboot', '--clear-groups', '--'];
  await container.exec([...asInspector, 'rm', '-f', '/run/pxeboot/inspector/images.json']);
}
