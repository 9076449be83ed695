"""Rows of results and how they are printed: each figure beside its reference, its target and whether it was met."""

import json


class Result:
    """One line of the table. `better` is "more" or "less"; `met` is None where a row has no target or was skipped."""

    def __init__(self, row, what, measured=None, unit="", reference=None, reference_what="", target="", met=None,
                 better="more", notes=None, details=None, skipped=None):
        self.row, self.what, self.measured, self.unit = row, what, measured, unit
        self.reference, self.reference_what = reference, reference_what
        self.target, self.met, self.better = target, met, better
        self.notes = notes or {}  # printed
        self.details = details or {}  # in the JSON file only
        self.skipped = skipped

    def ratio(self):
        if not self.reference or self.measured is None:
            return None
        return self.measured / self.reference

    def as_dict(self):
        return {**vars(self), "ratio": self.ratio()}


def figure(value):
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def _verdict(result):
    if result.skipped:
        return "skipped"
    return "-" if result.met is None else ("met" if result.met else "NOT MET")


def print_machine(machine, out):
    flush = machine["flush"]
    print(f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, Linux {machine['kernel']}, "
          f"{machine['filesystem']}, load before the run {machine['load_before']:.2f}", file=out)
    print(f"disk: {flush['per_second']:,.0f} appends of 4 KiB with fdatasync a second "
          f"(p50 {flush['p50_ms']:.3f} ms, p99 {flush['p99_ms']:.3f} ms)", file=out)
    print(f"{machine['bodega']}; " + ", ".join(f"{k} {v}" for k, v in machine["packages"].items()), file=out)
    print("The load generator, the callback receiver, the references and the server share these cores.\n", file=out)


def print_result(result, out):
    """Printed as soon as it is known, so that a run that is ended early has shown what it found."""
    if result.skipped:
        print(f"{result.row:<14} {result.what:<46} skipped: {result.skipped}", file=out, flush=True)
        return
    ratio = result.ratio()
    print(f"{result.row:<14} {result.what:<46} {figure(result.measured):>10} {result.unit:<7} "
          f"ref {figure(result.reference):>9} {'x' + figure(ratio) if ratio is not None else '':>7}  "
          f"{result.target:<24} {_verdict(result)}", file=out, flush=True)
    if result.reference_what:
        print(f"{'':<15}reference: {result.reference_what}", file=out)
    if result.notes:
        print(f"{'':<15}" + ", ".join(f"{k} {_note(v)}" for k, v in result.notes.items()), file=out, flush=True)


def _note(value):
    if isinstance(value, float):
        return figure(value)
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value)


def save(path, machine, settings, results):
    with open(path, "w") as file:
        json.dump({"machine": machine, "settings": settings, "results": [r.as_dict() for r in results]}, file, indent=1)
        file.write("\n")
