"""The default engine: Newton reads the USD once, native MuJoCo steps the compiled model ever after."""
