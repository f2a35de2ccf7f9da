import { describeConformance } from "../../testing/conformance/index.js";
import { ssdCases } from "../../testing/mechanisms/ssd.js";

describeConformance(ssdCases);
