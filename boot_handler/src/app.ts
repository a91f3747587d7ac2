import { shorten } from '@pxeboot/config/kit/result';
import { statusBodyLimit } from '@pxeboot/config/contract/status-event';
import type { Express } from 'express';
import express from 'express';

import { serve } from './http/answer.ts';
import { answerErrors, RequestError } from './http/errors.ts';
import { listVmsRoute, showVmRoute } from './routes/api.ts';
import { cloudInitRoute } from './routes/cloud-init.ts';
import { answerHealth } from './routes/health.ts';
import { installerConfigRoute } from './routes/installer-config.ts';
import { ipxeRoute } from './routes/ipxe.ts';
import { lintRoute, schemaRoute } from './routes/lint.ts';
import { planRoute } from './routes/plan.ts';
import { statusRoute } from './routes/status.ts';
import { whyRoute } from './routes/why.ts';
import type { Services } from './services.ts';

/** The HTTP interface: which path leads to which route. */
export function createApp(services: Services): Express {
  const { log } = services;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');

  app.get('/ipxe', serve(log, ipxeRoute(services)));
  app.get('/ipxe/why', serve(log, whyRoute(services)));
  app.get('/cloud-init/:vm/:file', serve(log, cloudInitRoute(services)));
  app.get('/config/:mac', serve(log, installerConfigRoute(services)));
  const body = express.text({ type: () => true, limit: statusBodyLimit, inflate: false });
  app.post('/status/:mac', body, serve(log, statusRoute(services)));
  app.get('/healthz', serve(log, answerHealth));
  app.get('/api/vms', serve(log, listVmsRoute(services)));
  app.get('/api/vms/:name', serve(log, showVmRoute(services)));
  app.get('/api/vms/:name/plan', serve(log, planRoute(services)));
  app.get('/api/lint', serve(log, lintRoute(services)));
  app.get('/schemas/vm-definition.schema.json', serve(log, schemaRoute));
  app.use((request) => {
    throw new RequestError(404, `answer ${request.method} ${shorten(request.path, 200)}: there is no such page`);
  });
  app.use(answerErrors(log));
  return app;
}
