using Grpc.Core;

namespace Grpc.Tests.Hosting;

/// <summary>Expects calls to fail.</summary>
internal static class Failure
{
    public static async Task<RpcException> OfAsync(Task call) => await Assert.ThrowsAsync<RpcException>(() => call);

    public static async Task<StatusCode> CodeAsync(Task call) => (await OfAsync(call)).StatusCode;
}
