using Dreamer.Actor;
using Dreamer.Environments;
using Dreamer.Hosting.Programs;
using Dreamer.Remote;

EnvironmentRegistry.Add(new RemoteScheme());
return await ServiceProgram.RunAsync(args, "actor.health_listen", ActorHost.RunAsync);
