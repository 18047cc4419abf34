"""Where shots are generated: one file per backend, all behind `backends.base.Backend`."""
