"""The report: one model, several renderers. `model.build` shapes everything; a renderer only writes it down."""

__all__: list[str] = []
