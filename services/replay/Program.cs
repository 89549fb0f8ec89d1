using Dreamer.Experience;
using Dreamer.Hosting.Programs;
using Dreamer.Replay;

return await ServiceProgram.RunAsync(args, "replay.health_listen", ReplayHost.RunAsync, error => error
    is StoreUnavailableException or StoreFullException or StoreFencedException or SchemaMismatchException);
