import { statusBodyLimit } from '@pxeboot/config/contract/status-event';
import { shorten } from '@pxeboot/config/kit/text';
import type { Express, RequestHandler } from 'express';
import express from 'express';

import type { Route } from './http/answer.ts';
import { serve } from './http/answer.ts';
import { answerErrors, RequestError } from './http/request-errors.ts';
import { singleSlashes } from './http/single-slashes.ts';
import { cloudInitRoute } from './routes/cloud-init-route.ts';
import { healthRoute } from './routes/health-route.ts';
import { installerConfigRoute } from './routes/installer-config-route.ts';
import { imagesRoute } from './routes/images-route.ts';
import { ipxeRoute } from './routes/ipxe-route.ts';
import { linkedImageRoute } from './routes/linked-image-route.ts';
import { lintRoute } from './routes/lint-route.ts';
import { listVmsRoute } from './routes/list-vms-route.ts';
import { planRoute } from './routes/plan-route.ts';
import { schemaRoute } from './routes/schema-route.ts';
import { showVmRoute } from './routes/show-vm-route.ts';
import { statusRoute } from './routes/status-route.ts';
import { whyRoute } from './routes/why-route.ts';
import type { Services } from './services.ts';

/** The HTTP interface: which path leads to which route. */
export function createApp(services: Services): Express {
  const { log } = services;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');

  app.use(singleSlashes);

  const get = (path: string, route: Route) => app.get(path, serve(log, route));
  const post = (path: string, body: RequestHandler, route: Route) => app.post(path, body, serve(log, route));
  const statusBody = express.text({ type: () => true, limit: statusBodyLimit, inflate: false });

  get('/ipxe', ipxeRoute(services));
  get('/ipxe/why', whyRoute(services));
  get('/cloud-init/:vm/:file', cloudInitRoute(services));
  get('/config/:mac', installerConfigRoute(services));
  post('/status/:mac', statusBody, statusRoute(services));
  get('/healthz', healthRoute);
  get('/api/vms', listVmsRoute(services));
  get('/api/vms/:name', showVmRoute(services));
  get('/api/vms/:name/plan', planRoute(services));
  get('/api/images', imagesRoute(services));
  get('/images/{*path}', linkedImageRoute(services));
  get('/api/lint', lintRoute(services));
  get('/schemas/vm-definition.schema.json', schemaRoute);

  app.use((request) => {
    throw new RequestError(404, `answer ${request.method} ${shorten(request.path, 200)}: there is no such page`);
  });
  app.use(answerErrors(log));
  return app;
}
