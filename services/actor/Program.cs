using Dreamer.Actor;
using Dreamer.Environments;
using Dreamer.Hosting.Programs;
using Dreamer.Policies;

return await ServiceProgram.RunAsync(args, "actor.health_listen", ActorHost.RunAsync, error => error
    is EnvironmentFailedException or UnknownEnvironmentException or PolicyFormatException);
