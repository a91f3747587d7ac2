/** Usage: node boot-ipxe-org.ts DIRECTORY: in the place of https://boot.ipxe.org, with DIRECTORY/key.pem and cert.pem. What it answers
 * is read from DIRECTORY/answers.json at each request. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';

/** By path; what is not there is answered 404. */
export type Answers = Readonly<Record<string, Answer | undefined>>;
export interface Answer {
  /** In base64. */
  body: string;
  /** The connection ends after so many bytes of the body. */
  cutAt?: number;
}

const [, , directory = '.'] = process.argv;
const read = (file: string): string => readFileSync(join(directory, file), 'utf8');

const server = createServer({ key: read('key.pem'), cert: read('cert.pem') }, (request, response) => {
  const answer = (JSON.parse(read('answers.json')) as Answers)[request.url ?? ''];
  if (answer === undefined) {
    response.writeHead(404).end('<html>not found</html>');
    return;
  }
  const body = Buffer.from(answer.body, 'base64');
  response.writeHead(200, { 'content-length': body.length });
  if (answer.cutAt === undefined) response.end(body);
  else response.write(body.subarray(0, answer.cutAt), () => response.destroy());
});
server.listen(443, '127.0.0.1', () => console.log('listening'));
