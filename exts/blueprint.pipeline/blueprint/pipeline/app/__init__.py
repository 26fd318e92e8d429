"""The workbench: plan, run, preview and cancel pipelines; the one place that starts processes for stages."""
