/** The command that answers a request of an agent, as it is shown wherever `ic` shows the request. */

export function answerCommand(dispatchId: string, number: number, isQuestion: boolean): string {
  const request = `ic dispatch answer ${dispatchId} ${number}`;
  return isQuestion ? `${request} accept --values=JSON` : `${request} allow`;
}
