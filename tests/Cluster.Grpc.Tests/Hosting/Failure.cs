using Grpc.Core;

namespace Grpc.Tests.Hosting;

/// <summary>Expects calls to fail.</summary>
internal static class Failure
{
    public static async Task<RpcException> OfAsync(Task call) => await Assert.ThrowsAsync<RpcException>(() => call);

    /// <summary>
    /// Waits for a write that makes the server end the call: whether the write itself has succeeded before that is open.
    /// </summary>
    public static async Task MayFailAsync(Task write) => await write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public static async Task<StatusCode> CodeAsync(Task call) => (await OfAsync(call)).StatusCode;
}
