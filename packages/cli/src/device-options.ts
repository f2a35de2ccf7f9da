import { type Command, Option } from "commander";
import { type Device, init } from "longspan";
import { UsageError } from "./errors.js";
import { parseInteger } from "./parse-number.js";

/** Options of the device as the command line gives them. */
export interface RawDeviceOptions {
	threads?: string;
	turbo: boolean;
	device: string;
}

/** What computes. */
export interface DeviceSettings {
	/** undefined: as many as the machine has. */
	readonly threads: number | undefined;
	readonly turbo: boolean;
	readonly device: "wasm" | "reference";
}

/** Values of options that are not given. */
export const deviceDefaults = { turbo: true, device: "wasm" } as const;

/** Gives a verb the options of the device. */
export function addDeviceOptions(command: Command): Command {
	return command
		.option("--threads <count>", "threads that compute; default: as many as the machine has")
		.option("--no-turbo", "do not use V8's experimental 256-bit code (Node 24 or later)")
		.addOption(new Option("--device <name>", "wasm or reference").default(deviceDefaults.device).hideHelp());
}

/** Checks the options and turns them into settings. Throws `UsageError`, naming the option. */
export function parseDeviceOptions({ threads, turbo, device }: RawDeviceOptions): DeviceSettings {
	if (device !== "wasm" && device !== "reference")
		throw new UsageError(`--device: "${device}" is not valid; expected wasm or reference`);
	return {
		threads: threads === undefined ? undefined : parseInteger("--threads", threads, 1),
		turbo,
		device,
	};
}

/** Starts the device. */
export function startDevice({ threads, turbo, device }: DeviceSettings): Promise<Device> {
	return init({ device, ...(threads !== undefined && { threads }), turbo: turbo && "auto" });
}
