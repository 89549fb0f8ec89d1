using Dreamer.Hosting.Programs;
using Dreamer.Replay;

return await ServiceProgram.RunAsync(args, "replay.health_listen", ReplayHost.RunAsync);
