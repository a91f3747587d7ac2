import type { RequestHandler } from 'express';

/** A path with several slashes in a row is the one with one slash, as nginx takes it for files: people join a URL that ends in a slash and
 * a path that begins with one. The query stays as it is. */
export const singleSlashes: RequestHandler = (request, _response, next) => {
  const [, host = '', path = '', query = ''] = /^(https?:\/\/[^/?#]*)?([^?#]*)(.*)$/is.exec(request.url) ?? [];
  if (path.includes('//')) request.url = `${host}${path.replaceAll(/\/{2,}/g, '/')}${query}`;
  next();
};
