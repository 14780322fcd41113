/** A registry of npm on this machine, with packages that a test makes. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface MadePackage {
  readonly name: string;
  readonly version: string;
  /** As the registry states it. */
  readonly integrity: string;
}

interface Stored {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly version: string;
  integrity: string;
  tarball: Buffer;
}

export class NpmRegistry {
  private readonly packages = new Map<string, Stored>();
  readonly requests: string[] = [];
  /** While true, no request is answered. */
  isSilent = false;

  private constructor(
    private readonly server: Server,
    private readonly root: string,
  ) {}

  static async start(root: string): Promise<NpmRegistry> {
    const server = createServer();
    const registry = new NpmRegistry(server, root);
    server.on('request', (request, response) => {
      const url = decodeURIComponent(request.url ?? '');
      registry.requests.push(url);
      if (registry.isSilent) return;
      const found = registry.answer(url);
      response.statusCode = found === undefined ? 404 : 200;
      response.end(found ?? '{}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** @param manifest beside name and version @param files by their paths */
  async add(
    name: string,
    manifest: Readonly<Record<string, unknown>> = {},
    files: Readonly<Record<string, string>> = {},
  ): Promise<MadePackage> {
    const version = '1.2.3';
    const whole = { name, version, ...manifest };
    const folder = path.join(this.root, `made-${this.packages.size}`);
    for (const [file, text] of Object.entries({ ...files, 'package.json': JSON.stringify(whole) })) {
      await mkdir(path.dirname(path.join(folder, 'package', file)), { recursive: true });
      await writeFile(path.join(folder, 'package', file), text);
    }
    // What `npm pack` makes, without its start.
    await run('tar', ['-czf', 'content.tgz', 'package'], { cwd: folder });
    const tarball = await readFile(path.join(folder, 'content.tgz'));
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    this.packages.set(name, { manifest: whole, version, integrity, tarball });
    return { name, version, integrity };
  }

  /** The registry states the integrity of the first package, and sends the content of the second. */
  swap(name: string, other: string): void {
    const [stored, sent] = [this.packages.get(name), this.packages.get(other)];
    if (stored === undefined || sent === undefined) throw new Error('no such packages');
    stored.tarball = sent.tarball;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private answer(url: string): string | Buffer | undefined {
    for (const [name, { manifest, version, integrity, tarball }] of this.packages) {
      if (url === `/${name}/-/content.tgz`) return tarball;
      if (url !== `/${name}`) continue;
      const dist = { tarball: `${this.url}/${name}/-/content.tgz`, integrity };
      return JSON.stringify({
        name,
        'dist-tags': { latest: version },
        versions: { [version]: { ...manifest, hasInstallScript: true, dist } },
      });
    }
    return undefined;
  }
}
