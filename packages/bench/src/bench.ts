import type { Device } from "longspan";
import type { Peer } from "./peers/peer.js";

/** What suites are run with. */
export interface Bench {
	readonly device: Device;
	readonly turbo: boolean;
	/** Time for each contestant of a comparison, in seconds. */
	readonly seconds: number;
	readonly peers: readonly Peer[];
	/** Says what is being done. */
	readonly progress: (text: string) => void;
}

/** One of two targets: the turbo build's are higher. */
export function byBuild<T>({ turbo }: Bench, plain: T, withTurbo: T): T {
	return turbo ? withTurbo : plain;
}
