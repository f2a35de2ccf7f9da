// A run that does nothing but save: every value of a checkpoint is its step. Tells each step that is saved on a line of its own.
import { writeSync } from "node:fs";
import { listCheckpoints } from "../dist/runs/find-checkpoint.js";
import { RunFolder } from "../dist/runs/run-folder.js";

const folder = process.argv[2];
const keep = { keep: 2 };
const { run, checkpoint } =
	listCheckpoints(folder).length > 0
		? RunFolder.resume(folder, "last", keep)
		: { run: RunFolder.create(folder, keep), checkpoint: { step: 0 } };
const values = new Float32Array(5000);
for (let step = checkpoint.step + 1; ; step++) {
	run.log({ step, text: "x".repeat(100) });
	const stored = new Map([["values", { shape: [values.length], values: values.fill(step) }]]);
	const loss = (step * 7919) % 1009;
	const tensors = new Map(["model", "optimizer", "ema"].map((name) => [`${name}.safetensors`, stored]));
	run.save({ step, loss, tensors, texts: new Map([["config.json", String(step)]]), state: { step } });
	writeSync(1, `${step}\n`);
}
