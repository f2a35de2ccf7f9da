import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { startJax } from "./jax.js";
import { startOnnxruntimeNode } from "./onnxruntime-node.js";
import { startOnnxruntimeWeb } from "./onnxruntime-web.js";
import type { Peer, PeerStart } from "./peer.js";

const installCommand = "npm run bench:peers";
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
 * Loads the peers that are installed in `peers/`, a package of its own: they are large, and one runs an install script. Load
 * them after the library, which sets V8 flags before it compiles.
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
			missing.push(`${name} does not start here: ${error instanceof Error ? error.message : String(error)}`);
		}
	}
	return { peers, missing };
}

function resolve(require: NodeJS.Require, name: string): string | null {
	try {
		return require.resolve(name);
	} catch {
		return null;
	}
}
