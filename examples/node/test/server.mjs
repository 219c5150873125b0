// A small MCP server of the SDK; `--serve` runs it on standard input and output.

import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

export function makeServer() {
  const server = new Server({ name: 'server', version: '1' }, { capabilities: { tools: {} } });
  const inputSchema = { type: 'object' };
  server.setRequestHandler(ListToolsRequestSchema, async () => ({
    tools: [{ name: 'echo', inputSchema }, { name: 'remove', inputSchema }],
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const text = params.name === 'remove' ? 'removed' : params.arguments.text;
    if (text === 'hold') await new Promise(() => {});
    return { content: [{ type: 'text', text }] };
  });
  return server;
}

if (process.argv[2] === '--serve') await makeServer().connect(new StdioServerTransport());
