// A Post Office to practise on: says what it is told, and takes everybody.
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

const server = createServer((request, response) => {
  void json(request).then((body) => {
    console.log(request.url, JSON.stringify(body));
    const { members } = body as { readonly members: readonly { readonly email: string }[] };
    const results = members.map(({ email }) => ({ email, ok: true }));
    response.end(JSON.stringify({ results }));
  });
});
server.listen(Number(process.env['PORT'] ?? 8091), '127.0.0.1');
