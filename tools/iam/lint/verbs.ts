/** The verbs that a Sid may begin with. A word that is missing here and is a verb belongs in. */
export const verbs: ReadonlySet<string> = new Set(
  `Accept Acknowledge Add Admit Allow Alter Announce Answer Append Apply Approve Ask Assume Attach Audit Authorize Begin Bind Block
  Bring Build Call Cancel Carry Change Check Choose Clean Clear Close Collect Come Compare Complete Configure Confirm Connect Consume
  Control Copy Count Create Cut Decrypt Delete Deliver Deny Deploy Describe Detach Discard Disconnect Do Drop Emit Empty Enable
  Encrypt End Enqueue Enter Erase Execute Export Fetch File Fill Filter Find Finish Follow Forbid Forget Forward Get Give Go Grant
  Guard Hand Handle Have Hear Hide Hold Import Inspect Install Invoke Join Keep Know Launch Leave Let Limit Link List Load Lock Log
  Look Mail Make Manage Mark Measure Mend Monitor Move Name Note Notify Open Operate Order Package Pass Pay Perform Permit Pick Place
  Poll Post Prepare Prevent Probe Process Prove Provide Publish Pull Purge Push Put Query Queue Quit Raise Reach React Read Receive
  Record Redrive Refresh Refuse Register Reinstate Release Remember Remove Rename Renew Repair Repeat Replace Replay Reply Report
  Request Reserve Reset Resolve Restore Restrict Resume Retry Return Reverse Revoke Roll Rotate Rule Run Save Say Scale Scan Schedule
  Search See Select Send Set Share Show Sign Speak Spend Start Stop Store Stream Subscribe Suppress Switch Tag Take Tell Test Throttle
  Touch Trace Track Trigger Trust Try Turn Undo Unlock Unsubscribe Update Upload Use Validate Verify View Wait Wake Warn Watch
  Withdraw Work Write`.split(/\s+/),
)
