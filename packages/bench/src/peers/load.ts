import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { startJax } from "./jax.js";
import { startOnnxruntimeNode } from "./onnxruntime-node.js";
import { startOnnxruntimeWeb } from "./onnxruntime-web.js";
import type { Peer, PeerStart } from "./peer.js";
import { startPytorch } from "./pytorch.js";

const installCommand = "npm run bench:peers";
/** The environment variable that names a Python with torch. */
const pythonVariable = "LONGSPAN_PYTHON";
const peersPackage = new URL("../../peers/package.json", import.meta.url);

const starts: Readonly<Record<string, PeerStart>> = {
	"onnxruntime-node": startOnnxruntimeNode,
	"onnxruntime-web": startOnnxruntimeWeb,
	"@jax-js/jax": startJax,
};

export interface LoadedPeers {
	readonly peers: readonly Peer[];
	/** One sentence for each peer that is not there. */
	readonly missing: readonly string[];
}

/**
 * Loads the peers that are installed in `peers/`, a package of its own: they are large, and one runs an install script; and
 * PyTorch where the environment names a Python that has it. Load them after the library, which sets V8 flags before it compiles.
 */
export async function loadPeers(threads: number): Promise<LoadedPeers> {
	const require = createRequire(peersPackage);
	const { dependencies } = JSON.parse(readFileSync(peersPackage, "utf8")) as { dependencies: Record<string, string> };
	const peers: Peer[] = [];
	const missing: string[] = [];
	for (const [name, start] of Object.entries(starts)) {
		const path = resolve(require, name);
		if (path === null) {
			missing.push(`${name} is not installed; to compare with it run: ${installCommand}`);
			continue;
		}
		try {
			peers.push(await start(require(path), { version: dependencies[name] ?? "", threads }));
		} catch (error) {
			missing.push(doesNotStart(name, error));
		}
	}
	const python = process.env[pythonVariable];
	if (!python) missing.push(`PyTorch is left out; to compare with it set ${pythonVariable} to a Python that has torch`);
	else
		try {
			peers.push(await startPytorch(python, threads));
		} catch (error) {
			missing.push(doesNotStart(`PyTorch (${pythonVariable} is ${python})`, error));
		}
	return { peers, missing };
}

function doesNotStart(name: string, error: unknown): string {
	return `${name} does not start here: ${error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error)}`;
}

function resolve(require: NodeJS.Require, name: string): string | null {
	try {
		return require.resolve(name);
	} catch {
		return null;
	}
}
