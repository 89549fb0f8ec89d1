// Each test has processes of its own; more of them at once would only share the cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
