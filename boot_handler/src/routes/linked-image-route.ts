import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { findServed } from '@pxeboot/config/definitions/read/served-path';
import { showValue } from '@pxeboot/config/kit/text';

import type { Answer, Route } from '../http/answer.ts';
import { RequestError } from '../http/request-errors.ts';
import type { Services } from '../services.ts';

/** nginx's location for files whose path has no link. */
const withoutLinks = '/images-without-links/';

/** `GET /images/<path>`, when nginx would not open it: it follows no link by itself. Says where the path leads, and nginx serves that;
 * or why not. @see nginx's X-Accel-Redirect */
export function linkedImageRoute({ imagesDir }: Pick<Services, 'imagesDir'>): Route {
  return async (request): Promise<Answer> => {
    const parts: unknown = request.params['path'];
    const path = Array.isArray(parts) ? parts.join('/') : '';
    const what = `send images/${path}`;
    const served = await findServed(imagesDir, path);
    if (served.kind === 'absent') throw new RequestError(404, `${what}: there is no such file`);
    if (served.kind === 'outside') {
      throw new RequestError(
        403,
        `${what}: it is behind a link that leads out of the images directory; put the file there`,
      );
    }
    const file = served.kind === 'inside' ? join(imagesDir, served.path) : '';
    if (served.kind === 'closed' || !(await isReadable(file))) {
      const fix = 'let everybody read it, and each directory on the way ("chmod a+rX")';
      throw new RequestError(403, `${what}: the web server may not read it; ${fix}`);
    }
    const isDirectory = (await stat(file)).isDirectory();
    if (isDirectory && !request.path.endsWith('/')) {
      throw new RequestError(404, `${what}: it is a directory; ask for ${showValue(`${request.path}/`)}`);
    }
    const target = served.path.split('/').map(encodeURIComponent).join('/');
    return {
      status: 200,
      type: 'text/plain',
      body: '',
      servedAs: `${withoutLinks}${target}${isDirectory ? '/' : ''}`,
    };
  };
}

function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}
