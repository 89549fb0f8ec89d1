using Dreamer;
using Dreamer.Commands;
using Dreamer.Hosting.Programs;

return await ProgramRunner.RunAsync(cancellation => CommandLine.RunAsync(args, cancellation), UserErrors.Recognise);
