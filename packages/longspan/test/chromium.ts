import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { type Browser, chromium } from "playwright-core";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** Whether there is a browser to test in: Debian's chromium. */
export const chromiumPresent = executablePath !== undefined;

export function launchChromium(): Promise<Browser> {
	return chromium.launch({
		executablePath: executablePath as string,
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
		],
	});
}

const types: Record<string, string> = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

export interface PageServer extends AsyncDisposable {
	readonly origin: string;
}

/** Serves a folder, as /plain/ and /isolated/; pages of the latter may share memory between threads. /…/page.html is an empty page. */
export async function servePages(root: URL): Promise<PageServer> {
	const server = createServer(async (request, response) => {
		const { pathname } = new URL(request.url ?? "/", "http://localhost");
		const headers: Record<string, string> = { "Content-Type": types[extname(pathname)] ?? "text/html" };
		if (pathname.startsWith("/isolated/"))
			Object.assign(headers, {
				"Cross-Origin-Opener-Policy": "same-origin",
				"Cross-Origin-Embedder-Policy": "require-corp",
				"Cross-Origin-Resource-Policy": "same-origin",
			});
		const file = pathname.replace(/^\/(isolated|plain)\//, "");
		try {
			const body =
				file === "page.html" ? "<!doctype html><title>longspan</title>" : await readFile(new URL(file, root));
			response.writeHead(200, headers).end(body);
		} catch {
			response.writeHead(404).end();
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
