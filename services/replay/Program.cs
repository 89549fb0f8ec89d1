using Dreamer.Hosting.Programs;
using Dreamer.Replay;

// One image for both: a relay is what a replay service does with weights, without a store.
return args is ["relay", .. var flags]
    ? await ServiceProgram.RunAsync(flags, "relay.health_listen", RelayHost.RunAsync)
    : await ServiceProgram.RunAsync(args, "replay.health_listen", ReplayHost.RunAsync);
